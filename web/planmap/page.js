"use strict";
(() => {
  const maps = { before: window.before_map, after: window.after_map };
  const view = window.planView;
  view.prepare(maps);
  const shown = view.show(JSON.parse(document.getElementById("data").textContent), maps);
  const language = document.getElementById("language");

  function write() {
    language.textContent = view.say("English", "中文");
    language.lang = view.say("en", "zh-CN");
    for (const element of document.querySelectorAll("[data-zh]")) element.setAttribute("aria-label", view.say(element.dataset.zh, element.dataset.en));
  }

  language.addEventListener("click", () => {
    document.documentElement.lang = view.english() ? "zh-CN" : "en";
    write();
    shown.retell();
  });
  write();
})();
