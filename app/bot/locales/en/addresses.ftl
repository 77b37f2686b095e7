command-bind = My addresses and incoming transfers
addresses =
    📬 <b>Your addresses</b>

    🔔 means we’ll tell you what comes in, 🔕 means we won’t.
addresses-none = 📬 <b>No addresses yet</b>
addresses-none-notified = Send one here, and we’ll tell you when { $tokens } arrive. You’ll also be able to pick it in /bridge with one tap.
addresses-none-silent = Send one here to pick it in /bridge with one tap. We aren’t telling of incoming transfers at the moment.
addresses-add = ➕ Add an address
addresses-back = 📬 All addresses
addresses-full =
    📬 <b>No room for more addresses</b>

    You can keep up to { $limit }. Remove one you no longer need and try again.
address = 📬 <b>Address</b>
address-named = 📬 <b>{ $label }</b>
address-networks = Networks: { $networks }
address-notified = 🔔 Telling you of incoming { $tokens } { $coins ->
    [yes] (coins are seen when a wallet sends them, not when a contract does)
   *[no] (tokens only, not the networks’ own coins)
}. We leave out tiny amounts, known as “dust”.
address-silent = 🔕 Not telling you of incoming transfers
address-no-tokens = 🔕 We can’t tell you of incoming transfers yet: we don’t follow any tokens or coins of these networks.
address-notify-on = 🔔 Notify of incoming transfers
address-notify-off = 🔕 Don’t notify of incoming transfers
address-label = 🏷 Name it
address-relabel = 🏷 Rename
address-unlabel = 🗑 Remove the name
address-unbind = 🗑 Remove the address
address-ask =
    📬 <b>Which address?</b>

    Send it in one message: EVM (0x…), TRON (T…) or Cellframe. You can add a name after a space, up to { $limit } characters:
    <code>0x… Wallet</code>

    Keys and recovery phrases are never needed: don’t send them to anyone.

    Changed your mind? /cancel
address-ask-label =
    🏷 <b>What should <code>{ $address }</code> be called?</b>

    Send a name in one message, up to { $limit } characters.

    Changed your mind? /cancel
address-label-text-only = A name is a few words of text. Please send it again.
address-bound = ✅ <b>Address added</b>
address-known = 👌 <b>You already have this address</b>
address-unchecked = ⚠️ It carries no checksum (that takes capital and small letters), so we couldn’t have noticed a typo. Please compare it once more.
address-again = Send the address again, or /cancel.
address-checksum-evm = 🔎 <b>The checksum doesn’t match</b> (EIP-55): a character is wrong, or a letter is in the wrong case. Copy the address whole from your wallet instead of retyping it.
address-checksum-cellframe = 🔎 <b>The checksum doesn’t match</b> (SHA3-256): at least one character of this Cellframe address has changed. Copy it whole from your wallet.
address-checksum-tron = 🔎 <b>The checksum doesn’t match</b>: a character of this TRON address is wrong, or a letter is in the wrong case (capital and small letters differ here). Copy the address whole from your wallet instead of retyping it.
address-network = 🔎 A correct address, but of another Cellframe network. It has to be one of { $network }.
address-is-hash = 🔎 That’s a transaction hash, not an address. To track it, send /track and this hash.
address-length = 📏 There { $digits ->
    [one] is { $digits } character
   *[other] are { $digits } characters
} after 0x, and an address has exactly 40. Please copy it whole.
address-stray = 🔎 There’s a stray character in it: after 0x come only digits and letters from a to f.
address-other-kind = { $kind ->
    [evm] 🔎 This takes an EVM address: 0x and 40 characters.
    [tron] 🔎 This takes a TRON address: T and 33 letters and digits.
   *[cellframe] 🔎 This takes a Cellframe address: 104 letters and digits.
}
address-shape = 🔎 That doesn’t look like an address. EVM ones are 0x and 40 characters; TRON ones begin with T and have 34; Cellframe ones are 104 letters and digits.

incoming-more =
    ⬇️ <b>More came in than we’ve shown</b>

    Over { $count } transfers arrived within an hour, and we’ve left out the rest: that’s often what “dust” spam looks like. The explorer has the full history.
incoming-watches = 📡 My transactions

# Shown in alerts too: at most 200 characters, no markup.
error-address-shape = That doesn’t look like an address. Please copy it whole.
error-address-checksum = The address’s checksum doesn’t match: there’s a typo in it. Please copy it whole.
error-address-network = That address is of another Cellframe network.
error-same-key-bound = The same key’s address on another network is in your list already. Remove that one in /bind, then add this one.
error-too-many-addresses = There’s no room for more addresses. Remove one you don’t need in /bind.
address-on-toast = We’ll tell you what comes in
address-off-toast = We won’t tell you of incoming transfers
address-unbound-toast = Address removed
address-unlabelled-toast = Name removed
address-gone-toast = This address isn’t among yours any more
