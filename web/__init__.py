"""HTTP and pictures, nothing else."""
