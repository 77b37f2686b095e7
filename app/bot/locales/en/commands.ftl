command-menu = Main menu
command-plans = Plans and prices
command-subscription = My subscription and key
command-help = Quick answers
command-support = Write to a human
command-language = Language · Язык
