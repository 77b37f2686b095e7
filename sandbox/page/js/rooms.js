// The chats of whoever holds the phone, in a row below its header: the one with the bot, the groups, and a way into more.

import { addGroup, setGroupMember } from "./api.js";
import { avatar } from "./avatar.js";
import { $, h } from "./dom.js";
import { t } from "./i18n.js";
import { icon } from "./icons.js";
import { morph } from "./morph.js";
import { openPanel, panelHead } from "./panel.js";
import { apply, groupsOf, on, openChat, person, select, store } from "./store.js";
import { attempt } from "./toasts.js";
import { unreadIn } from "./unread.js";

export function mountRooms() {
  for (const topic of ["reset", "people", "selected", "bot", "group"]) on(topic, draw);
}

function draw() {
  const someone = person();
  if (!someone) return;
  const bot = room({ id: someone.id, title: store.bot.first_name, testid: "chat-private" });
  const groups = groupsOf(someone.id).map(({ id, title }) => room({ id, title, testid: `chat-group-${id}` }));
  morph($("rooms"), [bot, ...groups, addButton()]);
}

function room({ id, title, testid }) {
  const chosen = id === openChat();
  const unread = chosen ? 0 : unreadIn(store.selected, id);
  return h(
    "button",
    {
      type: "button",
      class: "room",
      title,
      "aria-pressed": String(chosen),
      "aria-label": unread ? `${title}, ${t("{n} unread", { n: unread })}` : title,
      "data-testid": testid,
      "data-holder": store.selected,
      on: { click: () => select(store.selected, id) },
    },
    h("span", { class: id > 0 ? "room-face of-bot" : "room-face" }, avatar({ id, first_name: title })),
    h("span", { class: "room-name", text: title }),
    unread > 0 && h("span", { class: "badge", text: unread }),
  );
}

const addButton = () =>
  h("button", { type: "button", class: "room room-add", "aria-label": t("Join or make a group"), title: t("Join or make a group"), "data-testid": "chat-add", on: { click: openGroups } }, icon("plus"));

function openGroups() {
  const others = [...store.groups.values()].filter((group) => !group.members.includes(store.selected));
  openPanel({
    label: t("Groups"),
    testid: "groups-sheet",
    draw: (panel) => [
      panelHead(panel, { sign: "people", logo: "logo-share", title: t("Groups"), note: t("{name} joins one or makes one", { name: person().first_name }), testid: "groups-close" }),
      h("div", { class: "share-list" }, others.map(joinRow)),
      newGroupForm(),
    ],
  });
}

function joinRow(group) {
  const click = () => enter(() => setGroupMember(group.id, store.selected, "member"));
  return h(
    "button",
    { type: "button", class: "row share-row", "data-testid": `group-join-${group.id}`, on: { click } },
    avatar({ id: group.id, first_name: group.title }),
    h("span", { class: "row-text" }, h("strong", { text: group.title }), h("small", { text: t("Join") })),
  );
}

function newGroupForm() {
  const title = h("input", { required: true, pattern: ".*\\S.*", maxlength: 128, placeholder: t("Name of a new group"), "aria-label": t("Name of a new group"), autocomplete: "off", "data-testid": "group-title" });
  const submit = (event) => {
    event.preventDefault();
    enter(() => addGroup(title.value.trim(), [store.selected, ...[...store.people.keys()].filter((id) => id !== store.selected)]));
  };
  return h(
    "form",
    { class: "group-form", on: { submit } },
    title,
    h("p", { class: "sheet-note", text: t("With everybody here and {bot} in it.", { bot: store.bot.first_name }) }),
    h("button", { type: "submit", class: "sheet-pay", "data-testid": "group-create", text: t("Make the group") }),
  );
}

const enter = (way) =>
  attempt(async () => {
    const group = await way();
    apply({ type: "group", group });
    select(store.selected, group.id);
  });
