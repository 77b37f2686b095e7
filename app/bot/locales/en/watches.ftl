watches = { $count ->
    [0] 📡 <b>Nothing is being tracked right now.</b> The latest ones:
   *[other] 📡 <b>Transactions we’re tracking: { $count }</b>
}
watches-none =
    📡 <b>Nothing is being tracked yet</b>

    Send the hash of a transaction or a link from an explorer, and it will show up here.
watches-line = { $title } · { $chain }
watches-name = { $number }. <b>{ $name }</b>
watches-elsewhere = in a group
watches-open = { $number }. { $name }
watches-stop = ⏹ { $number }
watches-full =
    📡 <b>No room right now</b>

    You already have { $limit ->
        [one] { $limit } open transaction
       *[other] { $limit } open transactions
    }, and that’s the most we track at a time. Stop the ones you don’t need and send the hash again.

group-hello =
    👋 Hi! We track transactions: we show their confirmations and say when they can’t be undone any more.

    /track <i>hash</i> — track a transaction
    /status <i>hash</i> — what’s up with it now
    /watches — your transactions in this group
    /fees — what a transfer costs right now

    Networks: { $chains }.
group-private = That’s for our private chat: here it’s only about transactions.
group-cancelled = All right, cancelled 👌
group-outdated-toast = This button is outdated. Send the hash once more for a fresh card.
group-open = 💬 Open the private chat
