friends = 👥 <b>Invite a friend</b>
friends-how = Send a friend your link, and their payments bring you:
friends-percent-first = • { $percent }% of the first one, on your balance
friends-percent-every = • { $percent }% of every one, on your balance
friends-days = • { $days } of access for the first one
friends-nothing = Right now invitations bring nothing but your friends’ thanks. The link works all the same: if rewards return, everybody who joined with it counts as yours.
friends-link = Your link — tap to copy:
friends-link-away = We couldn’t show your link: Telegram isn’t responding. Please come back in a minute.
friends-none = Nobody has joined with it yet. Start with whoever needs a VPN most 🙂
friends-count = Joined: <b>{ $came }</b> · paid: <b>{ $paid }</b>
friends-earned = You’ve earned: <b>{ $sums }</b>
friends-share = 📨 Send to a friend
friends-share-text = I use this VPN: the key arrives right in Telegram, no cards, no forms. Give it a try!
friends-copy = 📋 Copy
friends-card-make = 🖼 Picture
friends-card-toast = Forward it to a friend, or show it: a phone’s camera opens your link.
friends-card-head = Invitation
friends-card-title = VPN in Telegram
friends-card-text = The key arrives right in the chat
friends-card-foot = Point your camera here
friends-card =
    👋 <b>An invitation: a VPN right in Telegram</b>

    Open the link and press Start — choose a plan, and the key arrives in the chat. No cards, no forms.

    { $link }
friends-card-button = 🚀 Open
friends-brought = 🤝 <b>{ $name }</b> sent you — welcome!

friend-nameless = Your friend
friend-nameless-inside = your friend

friend-came =
    👋 <b>{ $name }</b> is with us now

    With your link. Thank you for telling people about us!
referral-reward =
    🎉 <b>A reward for your friend</b>

    Your link brought a payment — { $name }. For you: <b>{ $reward }</b>. Thank you!
referral-reward-money = { $amount } on your balance
referral-reward-days = { $days } of access
referral-reward-both = { $money } and { $days }
referral-taken-back =
    ↩️ <b>A reward was taken back</b>

    Your friend’s purchase ({ $name }) was refunded, so its reward went back too: { $lost }.
referral-lost-money = { $amount } off your balance
referral-lost-days = the days you were given
referral-lost-both = { $amount } off your balance and the days you were given
