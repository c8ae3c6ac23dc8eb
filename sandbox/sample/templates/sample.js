// Sends a form on that only carries a message to another site; without this file there
// is its button.
document.querySelector("form[data-post-on]")?.submit();
