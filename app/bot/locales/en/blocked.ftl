blocked = 🚫 This shop no longer serves you. Questions, or money to get back? Write to us, a human reads it. What is kept about you is under “Your data”.
blocked-toast = This shop no longer serves you. Questions, or money to get back: /support
