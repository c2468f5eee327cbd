// What decides whether the guide begins by itself: what it is about, and whether it was seen in this browser.

export const GUIDE_KEY = "attograph-guide-seen";
export const GUIDE_PROMPT = "calc: 36+59=";
