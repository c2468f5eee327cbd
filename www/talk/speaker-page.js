// Fills speaker.html.

import { CHANNEL, mountSpeaker } from "./speaker.js";

mountSpeaker(document, new BroadcastChannel(CHANNEL));
