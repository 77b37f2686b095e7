web-change = Change
web-plans = Plans
web-plans-back = « All plans
web-plan = Plan
web-plan-itself = The plan
web-plan-term = { $months ->
    [one] 1 month
   *[other] { $months } months
}
web-plan-running = Running subscriptions: { $count }. They keep what they were sold as.
web-plan-archive = Take off sale
web-plan-restore = Put on sale again
web-plan-field-ru = Name in Russian
web-plan-field-en = Name in English
web-plan-field-price = Price
web-plan-field-traffic = Traffic, GB (0: no limit)
web-plan-field-devices = Devices (0: no limit)
web-plan-field-sale = On sale
web-plan-field-panel = Panel or group of panels (empty: any)
web-plan-field-groups = Squads, inbounds or groups on the panel, by commas
web-col-name = Name
web-col-on-sale = On sale
