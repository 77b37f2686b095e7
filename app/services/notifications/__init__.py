"""Messages that the service sends by itself: stored with the change they report, sent later."""
