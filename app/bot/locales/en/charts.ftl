home-charts = 📈 Charts
chart-title-revenue = Revenue
chart-title-active = Subscriptions
chart-title-trials = Trial → paid
chart-title-renewals = Renewals
chart-title-cohorts = Still customers
chart-span-day = 30 days
chart-span-week = 13 weeks
chart-by-day = By day
chart-by-week = By week
chart-revenue-first = Revenue
chart-revenue-second = Sales
chart-active-first = Paid
chart-active-second = Trials
chart-trials-first = Began a trial
chart-trials-second = Bought since
chart-renewals-first = Renewals
chart-renewals-second = First purchases
chart-share = { $percent }%
chart-sum-revenue = { $total }, sales: { $count }
chart-other-currency = And { $total } in another currency
chart-sum-active = Now paid: { $first }, trials: { $second }
chart-sum-trials = Began a trial: { $first }, of these bought: { $second }
chart-sum-renewals = Renewals: { $first }, first purchases: { $second }
chart-sum-cohorts =
    👣 <b>Still customers, by month of first purchase</b>

    A row for each month of first purchases, behind it how many there were; the columns are the months after. A number is how many percent of them had paid access in that month.

    In the month after the first: <b>{ $share }</b>
chart-waiting = ⏳ Drawing the chart…
chart-no-picture = The picture didn’t work out just now. Please try again in a minute.
