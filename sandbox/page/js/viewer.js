// The photo viewer: a sent picture (a QR code above all) fills the phone's screen until it is tapped.

import { $, h } from "./dom.js";
import { t } from "./i18n.js";
import { icon } from "./icons.js";
import { on } from "./store.js";

let closeOpen = null;

on("selected", () => closeOpen?.());

export function openPhoto(message) {
  const before = document.activeElement;
  const close = () => {
    closeOpen = null;
    viewer.remove();
    $("chat-pane").inert = false;
    before?.focus?.();
  };
  const caption = message.caption?.split("\n")[0] ?? "";
  const closeButton = h("button", { type: "button", "aria-label": t("Close the photo"), "data-testid": "photo-close" }, icon("close"));
  const viewer = h(
    "div",
    {
      class: "viewer",
      role: "dialog",
      "aria-label": t("Photo"),
      "data-testid": "viewer",
      on: {
        click: (event) => !event.target.closest("a") && close(),
        keydown: (event) => event.key === "Escape" && close(),
      },
    },
    h(
      "div",
      { class: "viewer-bar" },
      closeButton,
      h("a", { href: message.file_url, download: "photo.png", "aria-label": t("Save the photo") }, icon("download")),
    ),
    h("img", { src: message.file_url, alt: caption }),
    h("p", { text: caption }),
  );
  closeOpen = close;
  $("overlays").append(viewer);
  $("chat-pane").inert = true;
  closeButton.focus();
}
