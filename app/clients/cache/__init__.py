"""What may be lost: seen updates, delivery claims and dialogues, in Redis or in this process."""
