waiting =
    🌱 <b>You’re on the list</b>

    We’ve just opened and let a few people in each day, so that everything works well for each of them. We’ll write to you here when it’s your turn — there’s nothing you need to do.
waiting-place = Your place in line: <b>{ $place }</b>
waiting-far = There’s quite a line ahead of you, but it moves every day.
waiting-again = 🔄 Is it my turn?
waiting-toast = Not yet: we’ll write to you
admitted =
    🎉 <b>It’s your turn!</b>

    Thank you for waiting. The shop is open for you: have a look around.
