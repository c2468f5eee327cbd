import "./figures.js";
