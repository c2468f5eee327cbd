// A graph in a frame.
import "./atto.js";
