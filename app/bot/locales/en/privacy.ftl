privacy =
    🔐 <b>Your data</b>

    We keep what the service needs, and no more:
    • your Telegram id, name and language — so that the bot knows you;
    • subscriptions, payments and your balance — so that nothing you paid for is lost;
    • transactions and addresses you asked us to watch: removed 30 days after the end;
    • messages the bot sent you: removed after 30 days, those about money and questions later;
    • decisions about money and access, by id alone: for good.

    What you do over the VPN isn’t here: the bot never sees it. We sell and pass on nothing.
privacy-export = 📦 Export my data
privacy-erase = 🗑 Erase my data
privacy-exported = 📦 Everything we keep about you, in one file: any browser or editor opens it. It holds your key, so keep it to yourself.
erase-ask =
    🗑 <b>Erase everything about you?</b>

    Keys, watched transactions, addresses, names and messages go at once. Payments stay in the books without anything that says whose they were. There’s no way back.
erase-loses = You’d lose:
erase-balance = • { $amount } on your balance
erase-subscriptions = • { $count ->
    [one] { $count } subscription that still works: its key stops right away
   *[other] { $count } subscriptions that still work: their keys stop right away
}
erase-gifts = • { $count ->
    [one] the money back for { $count } gift that nobody has taken: its link goes on working
   *[other] the money back for { $count } gifts that nobody has taken: their links go on working
}
erase-order = • an order that’s still open: please don’t pay it any more
erase-once = The free trial and single-use codes aren’t given a second time: of them we keep a mark that nobody can read back into your id.
erase-confirm = 🗑 Yes, erase everything
erase-keep = ↩️ No, keep it
erase-done =
    ✅ <b>Your data is erased</b>

    Keys are being removed from the server. If you write to the bot again, you’ll be somebody new. Take care!
