"""HTTP and pictures, nothing else.

``web.app.create_app`` makes the application of its parts; ``web.wsgi`` is what a server loads.
"""
