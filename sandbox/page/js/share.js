// Sharing a link as Telegram does: choose who gets it, and that person's phone shows what has come.

import { addPerson } from "./api.js";
import { avatar } from "./avatar.js";
import { h } from "./dom.js";
import { t } from "./i18n.js";
import { icon } from "./icons.js";
import { openPanel, panelButton, panelHead } from "./panel.js";
import { apply, person, select, store } from "./store.js";
import { attempt } from "./toasts.js";

const NEWCOMERS = ["Dana", "Egor", "Fiona", "Grisha", "Hanna", "Ivan", "Julia", "Kim"];

/** `openLink` is what the page does with the link once it is tapped on the other phone. */
export function openShare(link, text, openLink) {
  const sender = person();
  const others = [...store.people.values()].filter((someone) => someone.id !== sender?.id);
  const give = (someone) => {
    select(someone.id);
    showReceived(sender, link, text, openLink);
  };
  openPanel({
    label: t("Share with"),
    testid: "share-sheet",
    draw: (panel) => [
      panelHead(panel, { sign: "people", logo: "logo-share", title: t("Share with…"), note: t("They get the link on their phone"), testid: "share-close" }),
      text && h("p", { class: "shared", text }),
      h("div", { class: "share-list" }, others.map((someone) => friend(someone, () => give(someone))), newcomer(give)),
    ],
  });
}

function friend(someone, click) {
  const note = someone.started ? t("knows the bot already") : t("has never met the bot");
  return h(
    "button",
    { type: "button", class: "row share-row", "data-testid": `share-${someone.id}`, on: { click } },
    avatar(someone),
    h("span", { class: "row-text" }, h("strong", { text: someone.first_name }), h("small", { text: note })),
  );
}

function newcomer(give) {
  const names = new Set([...store.people.values()].map((someone) => someone.first_name));
  const name = NEWCOMERS.find((one) => !names.has(one)) ?? t("Friend {n}", { n: store.people.size + 1 });
  const click = () =>
    attempt(async () => {
      const username = `${name.toLowerCase().replaceAll(" ", "_")}_${store.people.size + 1}`;
      const someone = await addPerson({ first_name: name, username, language_code: person()?.language_code ?? "en" });
      apply({ type: "person", person: someone });
      give(someone);
    });
  return h(
    "button",
    { type: "button", class: "row share-row", "data-testid": "share-new", on: { click } },
    h("span", { class: "avatar" }, icon("plus")),
    h("span", { class: "row-text" }, h("strong", { text: t("Somebody new") }), h("small", { text: t("{name} joins the sandbox", { name }) })),
  );
}

function showReceived(sender, link, text, openLink) {
  const open = (panel) => {
    panel.close();
    openLink(link);
  };
  openPanel({
    label: t("A link has come"),
    testid: "received-sheet",
    draw: (panel) => [
      panelHead(panel, { sign: "chat", logo: "logo-share", title: t("{name} sends you a link", { name: sender?.first_name ?? t("Somebody") }), note: t("To {name}", { name: person()?.first_name }), testid: "received-close" }),
      h("p", { class: "shared" }, text && h("span", { text }), h("span", { class: "shared-link", text: link })),
      h("div", { class: "sheet-buttons" }, panelButton("received-open", "sheet-pay", t("Open the link"), () => open(panel))),
    ],
  });
}
