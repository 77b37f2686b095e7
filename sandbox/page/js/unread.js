// What waits for whom: messages that came into chats nobody was looking at, counted by person and chat.

const counts = new Map();

const of = (personId) => counts.get(personId) ?? new Map();
const total = (numbers) => [...numbers].reduce((sum, count) => sum + count, 0);

export const unreadIn = (personId, chatId) => of(personId).get(chatId) ?? 0;
export const unreadOf = (personId) => total(of(personId).values());
export const unreadOfAll = () => total([...counts.keys()].map(unreadOf));

export function addUnread(personId, chatId) {
  counts.set(personId, of(personId).set(chatId, unreadIn(personId, chatId) + 1));
}

export function clearUnread(personId, chatId) {
  of(personId).delete(chatId);
}
