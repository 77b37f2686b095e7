onchain-addresses =
    ⛓ <b>Addresses for on-chain payments</b>

    Buyers send stablecoins straight to these. We only read the chain: no private key is ever asked for here, and whoever asks for one is a thief.
onchain-address-family = { $family ->
    [tron] <b>TRON</b>
   *[evm] <b>Ethereum and BNB Smart Chain</b> (one address for both)
}
onchain-address-none = Not set: its networks are not offered.
onchain-address-environment = From the service’s environment; to change it, change the variable and restart.
onchain-address-changed-row = 🚨 A row of it was changed past this bot. It is shown to nobody.
onchain-address-pending = ⏳ From { $at }: { $address }
onchain-address-set = { $family ->
    [tron] ✏️ Set the TRON address
   *[evm] ✏️ Set the Ethereum and BSC address
}
onchain-address-cancel = { $family ->
    [tron] ❌ Cancel the new TRON address
   *[evm] ❌ Cancel the new Ethereum and BSC address
}
onchain-to-addresses = « Addresses
onchain-address-ask =
    { $family ->
        [tron] ✏️ Send the <b>TRON</b> address that buyers shall pay to: it begins with T.
       *[evm] ✏️ Send the <b>Ethereum and BSC</b> address that buyers shall pay to: 0x and 40 characters, in capitals and small letters as your wallet shows it.
    }

    Copy it from a wallet that is yours alone. Not the deposit address of an exchange.
onchain-address-check = { $family ->
    [tron] 🔎 <b>The new TRON address</b>
   *[evm] 🔎 <b>The new Ethereum and BSC address</b>
}
onchain-address-sum-right = ✅ Its checksum is right.
onchain-address-not-asked = ⚠️ { $chain } doesn’t answer now, so we couldn’t look it up there.
onchain-address-contract = ⚠️ On { $chain } it is a contract, not an ordinary account. Only go on if it is your multi-signature wallet.
onchain-address-frozen = 🚨 On { $chain } it is on the blacklist of { $tokens }: what arrives there can never leave. Please take another one.
onchain-address-balance = On { $chain } it holds { $balances }.
onchain-address-exchange = ⚠️ Is it a deposit address of an exchange? Then please take another one: transfers inside the exchange never touch the chain, and we would not see them.
onchain-address-confirm = Compare it with your wallet, then send its <b>last { $count } characters</b> to confirm. It takes effect in 24 hours, and all operators hear of it now.
onchain-address-end-differs = ❗️ That is not how it ends. Nothing was set: malware swaps addresses in the clipboard. Please send the address again.
operator-onchain-address-set =
    { $family ->
        [tron] ⛓ <b>A new TRON address for payments</b>
       *[evm] ⛓ <b>A new Ethereum and BSC address for payments</b>
    }

    { $address }

    Set by { $owner }, in effect from { $at }. If that isn’t yours, an owner can cancel it until then.
operator-onchain-address-effective =
    { $family ->
        [tron] ⛓ <b>Buyers now pay to this TRON address</b>
       *[evm] ⛓ <b>Buyers now pay to this Ethereum and BSC address</b>
    }

    { $address }

    { $by ->
        [environment] It comes from the service’s environment.
       *[owner] Set by { $owner }.
    } Open invoices keep the address that they showed.
operator-onchain-address-cancelled =
    { $family ->
        [tron] ⛓ <b>The new TRON address was cancelled</b>
       *[evm] ⛓ <b>The new Ethereum and BSC address was cancelled</b>
    }

    { $address }

    The one before stays.
operator-onchain-address-changed =
    { $family ->
        [tron] 🚨 <b>A TRON address for payments was changed in the database</b>
       *[evm] 🚨 <b>An Ethereum and BSC address for payments was changed in the database</b>
    }

    Not through this bot: its signature is wrong, or ONCHAIN_SECRET is another one. It is shown to no buyer, and payments by it are closed. Find out who can write to the database, then set the address anew.
operator-onchain-frozen =
    🚨 <b>Our address is frozen: { $tokens }</b>

    On { $chain }, { $address } is on the token’s blacklist: what arrives there can never leave. We no longer offer it to buyers. Please set another address.

# Toasts: at most 200 characters, no markup.
onchain-address-cancelled-toast = Cancelled ✓
error-onchain-off = On-chain payments are off: set ONCHAIN_SECRET in the service’s environment first.
error-onchain-address-shape = That isn’t an address of this network. Please copy it from your wallet once more.
error-onchain-address-family = That address belongs to the other network. Please send the right one.
error-onchain-address-case = Please send it with capitals and small letters, as your wallet shows it: otherwise a typo would go unnoticed.
error-onchain-address-checksum = Its checksum is wrong: a character is missing or mistyped. Please copy it once more.
error-onchain-address-unusable = Nobody can own that address: it is empty, or a token’s contract. Please take your wallet’s.
error-onchain-address-decimals = Nothing was set: an endpoint says that a token has another number of decimals than we count with. Look at /rpc: is it an endpoint of the right chain?
error-onchain-address-environment = This address comes from the service’s environment and is changed there.
error-onchain-address-pending = Another new address waits to take effect. Cancel it first.
error-onchain-address-same = That is the address in effect already.
error-onchain-address-gone = It is in effect by now, or was cancelled.
