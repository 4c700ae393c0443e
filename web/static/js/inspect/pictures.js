// Photos on their way: kept as the camera made them, because the server reads from them where they
// were taken. Only what it would not take is made anew, and then says nothing of its place.

const LARGEST = 8 * 1024 * 1024;
const TAKEN = ["image/jpeg", "image/png", "image/webp"];
const LONGEST_SIDE = 3000;
const QUALITY = 0.85;

// A file as a record to keep: `{ sha256, name, taken, question, type, bytes, remade }`. Rejects
// with "unreadable" if it is no picture this phone can open.
export async function picture(file, question) {
  const fits = file.size <= LARGEST && TAKEN.includes(file.type);
  const blob = fits ? file : await remake(file);
  const bytes = await blob.arrayBuffer();
  return {
    sha256: await digest(bytes),
    name: file.name,
    taken: new Date(file.lastModified).toISOString(),
    question,
    type: blob.type,
    bytes,
    remade: !fits,
  };
}

async function remake(file) {
  let bitmap;
  try {
    bitmap = await createImageBitmap(file);
  } catch {
    throw new Error("unreadable");
  }
  const scale = Math.min(1, LONGEST_SIDE / Math.max(bitmap.width, bitmap.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(bitmap.width * scale);
  canvas.height = Math.round(bitmap.height * scale);
  canvas.getContext("2d").drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", QUALITY));
  if (!blob || blob.size > LARGEST) throw new Error("unreadable");
  return blob;
}

async function digest(bytes) {
  const hash = await crypto.subtle.digest("SHA-256", bytes);
  return Array.from(new Uint8Array(hash), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
