"""Messages that the service sends by itself: written with what they tell, sent by the outbox."""
