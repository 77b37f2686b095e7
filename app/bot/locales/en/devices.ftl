device-button = 📱 Devices
device-list = 📱 <b>Devices of subscription No. { $number }</b>
device-count = Connected: <b>{ $count } of { $limit }</b>
device-count-unlimited = Connected: <b>{ $count }</b>
device-list-empty = No device has connected yet. Add your key in an app, and the device shows up here.
device-list-full = 🚫 All the places are taken, so a new device gets no servers. { $extras ->
    [yes] Remove one you no longer use, add a place, or pick a plan with more devices.
   *[no] Remove one you no longer use, or pick a plan with more devices.
}
device-line = • <code>{ $name }</code>
device-line-seen = • { $name } — { $seen }
device-more = …and { $count } more
device-nameless = Unknown device
device-seen-minutes = { $count ->
    [0] seen just now
    [one] seen { $count } minute ago
   *[other] seen { $count } minutes ago
}
device-seen-hours = { $count ->
    [one] seen { $count } hour ago
   *[other] seen { $count } hours ago
}
device-seen-days = { $count ->
    [one] seen { $count } day ago
   *[other] seen { $count } days ago
}
device-addresses = 📱 <b>Addresses of subscription No. { $number }</b>
device-addresses-why = Your server doesn’t know devices: it counts the addresses they connect from. A phone that moves from Wi-Fi to mobile data takes two.
device-addresses-full = 🚫 All the places are taken, so one more address may be cut off. Your server counts addresses and not devices: { $extras ->
    [yes] clear the old ones all at once, add a place, or pick a plan with more devices.
   *[no] clear the old ones all at once, or pick a plan with more devices.
}
device-remove-button = 🗑 { $name }
device-clear-button = 🧹 Remove all
device-clear-addresses-button = 🧹 Clear all addresses
device-remove =
    🗑 <b>Remove this device?</b>

    { $name }

    Its place becomes free. While your key is still in its app, it can come back by itself: so delete the key there, too. Is it somebody else’s? Then replace the key.
device-clear =
    🧹 <b>Remove all devices ({ $count })?</b>

    Their places become free. Those that still have your key come back by themselves as soon as they refresh it. To shut others out, replace the key.
device-clear-addresses =
    🧹 <b>Clear all addresses ({ $count })?</b>

    The server forgets only all of them at once. Devices that are connected now are counted again by themselves; you don’t have to set anything up anew.
device-remove-confirm = 🗑 Yes, remove
device-keep = ‹ Keep
device-panel-away =
    😔 <b>The list of devices is out of reach right now</b>

    The server isn’t responding. Your access works as before. Please try again in a couple of minutes.

# Alerts: at most 200 characters, no markup.
device-removed-toast = Removed: the place is free
devices-cleared-toast = Cleared: the places are free
device-gone-toast = This device is no longer on the list
error-devices-unknown = Your server keeps no list of devices, so there is nothing to remove. Just add your key on a new device.
