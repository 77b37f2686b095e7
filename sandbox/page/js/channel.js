// A channel as the phone shows it: its name, how many are in it, and Join or Leave.

import { setMembership } from "./api.js";
import { h } from "./dom.js";
import { t, tn } from "./i18n.js";
import { openPanel, panelButton, panelHead } from "./panel.js";
import { apply, on, store } from "./store.js";
import { attempt } from "./toasts.js";

let current = null;

export function mountChannels() {
  on("channel", () => current?.redraw());
}

export const channelByName = (username) =>
  [...store.channels.values()].find((channel) => channel.username.toLowerCase() === username.toLowerCase());

export const isMember = (channel, personId) => channel.members[personId] === "member";

export const join = (channel, personId, status) =>
  attempt(async () => apply({ type: "channel", channel: await setMembership(personId, channel.username, status) }));

export function openChannel(id) {
  current = openPanel({ label: t("Channel"), testid: "channel-sheet", draw: (panel) => draw(panel, store.channels.get(id)) });
}

function draw(panel, channel) {
  const inside = Object.values(channel.members).filter((status) => status === "member").length;
  const thrownOut = channel.members[store.selected] === "kicked";
  return [
    panelHead(panel, { sign: "channel", logo: "logo-share", title: channel.title, note: `@${channel.username} · ${tn("{n} member", "{n} members", inside)}`, testid: "channel-close" }),
    h("p", { class: "sheet-what", role: "status", text: said(channel, thrownOut) }),
    h("div", { class: "sheet-buttons" }, !thrownOut && button(channel)),
  ];
}

function said(channel, thrownOut) {
  if (thrownOut) return t("You were removed from this channel.");
  return isMember(channel, store.selected) ? t("You are a member.") : t("News, in a channel of its own. Nothing is written there in the sandbox.");
}

function button(channel) {
  if (isMember(channel, store.selected)) return panelButton("channel-leave", "sheet-expire", t("Leave the channel"), () => join(channel, store.selected, "left"));
  return panelButton("channel-join", "sheet-pay", t("Join"), () => join(channel, store.selected, "member"));
}
