web-charts = Charts
web-charts-numbers = The numbers
