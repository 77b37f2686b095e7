// Puts the page together: mounts the views, reads the world's state, then follows its events, for ever.

import { getState, listen } from "./api.js";
import { mountChains } from "./chains.js";
import { mountChannels } from "./channel.js";
import { mountChat } from "./chat.js";
import { mountClock } from "./clock.js";
import { mountComposer } from "./composer.js";
import { $ } from "./dom.js";
import { mountHeader } from "./header.js";
import { t, translatePage } from "./i18n.js";
import { listenForAnswers } from "./keyboard.js";
import { mountKnobs } from "./knobs.js";
import { mountLanguage } from "./language.js";
import { catchLinks, mountLinks } from "./links.js";
import { mountPanels } from "./panel.js";
import { mountPeople } from "./people.js";
import { mountRooms } from "./rooms.js";
import { mountSheet } from "./sheet.js";
import { mountStars } from "./stars.js";
import { apply, on, reset, setConnected, store } from "./store.js";
import { mountStrip } from "./strip.js";
import { mountTabs } from "./tabs.js";

const RETRY_MS = 1000;

// Events that come while the state is being read wait here, so that none is lost and none applied to an old state.
let held = null;
let connection = 0;

async function synchronise(mine) {
  held = [];
  try {
    reset(await getState());
  } catch {
    setTimeout(() => mine === connection && synchronise(mine), RETRY_MS);
    return;
  }
  if (mine !== connection) return;
  const waiting = held;
  held = null;
  setConnected(true);
  waiting.forEach(apply);
}

function sayConnection() {
  $("connection").textContent = store.connected ? t("Sandbox · everything here is made up") : t("The sandbox is away. Trying again…");
  $("app").classList.toggle("offline", !store.connected);
}

translatePage();
mountLanguage();
mountTabs();
mountStrip();
mountChains();
mountPeople();
mountClock();
mountKnobs();
mountHeader();
mountRooms();
mountComposer();
mountChat();
mountSheet();
mountPanels();
mountStars();
mountChannels();
mountLinks();
listenForAnswers();
catchLinks($("messages"));
on("connection", sayConnection);

listen({
  onOpen: () => {
    connection += 1;
    synchronise(connection);
  },
  onEvent: (event) => (held ? held.push(event) : apply(event)),
  onLost: () => setConnected(false),
});
