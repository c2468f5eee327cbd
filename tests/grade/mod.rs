//! The grade of a graph: its figures against plain computations, made one feature at a time.

mod grades;
mod lowest;
mod parts;
mod points;
mod prompts;
mod second;
