// Photos of one question: from the camera or the album, seen small, taken away again.

import { make, setText } from "../dom.js";
import { t } from "../i18n.js";
import { picture } from "./pictures.js";
import { erase, read, write } from "./store.js";
import { stillDraft } from "./work.js";

const underWay = new WeakMap(); // visit → its photos that are not kept yet, a promise
const MOST = 20; // photos of one visit, as the API takes them

// Resolves when no photo of the visit is on its way any more, with why one of these is not kept.
export function photosKept(visit) {
  return underWay.get(visit) ?? Promise.resolve("");
}

function waitFor(visit, taking) {
  const all = Promise.all([photosKept(visit), taking]).then(([before, { lost }]) => before || lost);
  underWay.set(visit, all);
  all.then(() => underWay.get(visit) === all && underWay.delete(visit));
}

export function photoField(visit, question, title, tell) {
  const status = make("p", { role: "status", class: "message" });
  const shown = make("ul", { class: "photos" });
  const mine = () => visit.photos.filter((photo) => photo.question === question);
  const draw = () => shown.replaceChildren(...mine().map((photo, i) => thumbnail(visit, photo, t("photoOf", { n: i + 1, what: title }), () => remove(photo))));
  const remove = async (photo) => {
    visit.photos = visit.photos.filter((each) => each !== photo);
    await erase("photos", [visit.key, photo.sha256]);
    draw();
    say(t("photoRemoved"));
    field.querySelector("input").focus();
    tell();
  };
  const add = async (files) => {
    const taking = take(visit, question, files);
    waitFor(visit, taking);
    const { said, lost } = await taking;
    draw();
    say(lost || said, Boolean(lost) || said !== t("photoKept"));
    if (await stillDraft(visit)) tell();
  };
  const say = (text, failed = false) => {
    setText(status, text);
    status.classList.toggle("failed", failed);
  };
  const field = make("div", { class: "photo-field" }, shown, status, isSecureContext ? pickers(title, add) : make("p", { class: "quiet" }, t("photosNeedTls")));
  draw();
  return field;
}

function pickers(title, add) {
  const picker = (word, more) => {
    const input = make("input", { type: "file", accept: "image/jpeg,image/png,image/webp,image/*", ...more });
    input.addEventListener("change", async () => {
      input.disabled = true;
      await add([...input.files]);
      input.value = "";
      input.disabled = false;
    });
    return make("label", { class: "plain pick" }, input, t(word), make("span", { class: "unseen" }, ` ${title}`));
  };
  return make("div", { class: "pair" }, picker("photoTake", { capture: "environment" }), picker("photoChoose", { multiple: true }));
}

// Keep the files with the visit; tells what is `said`, and why one was `lost`.
async function take(visit, question, files) {
  let said = "";
  for (const file of files) {
    try {
      said = await takeOne(visit, question, file);
    } catch (error) {
      return { said, lost: error.message === "unreadable" ? t("photoUnreadable", { name: file.name }) : t("notKept") };
    }
  }
  return { said, lost: "" };
}

async function takeOne(visit, question, file) {
  if (visit.photos.length >= MOST) return t("photosFull", { n: MOST });
  const { bytes, ...photo } = await picture(file, question);
  if (visit.photos.some(({ sha256 }) => sha256 === photo.sha256)) return t("photoTwice");
  await write("photos", { visit: visit.key, sha256: photo.sha256, type: photo.type, bytes });
  if (!(await stillDraft(visit))) {
    await erase("photos", [visit.key, photo.sha256]); // finished meanwhile, without it
    return "";
  }
  visit.photos.push({ ...photo, sent: false });
  return photo.remade ? t("photoRemade") : t("photoKept");
}

function thumbnail(visit, { sha256 }, label, remove) {
  const image = make("img", { alt: label });
  read("photos", [visit.key, sha256]).then((kept) => {
    if (!kept) return;
    const address = URL.createObjectURL(new Blob([kept.bytes], { type: kept.type }));
    image.onload = image.onerror = () => URL.revokeObjectURL(address);
    image.src = address;
  });
  return make("li", {}, image, make("button", { type: "button", class: "plain", "aria-label": t("photoRemove", { what: label }), onclick: remove }, "✕"));
}
