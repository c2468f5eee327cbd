//! All native tests in one program: one is linked in seconds, one for each file takes minutes. Only those that count memory have
//! programs of their own.

mod common;

mod active;
mod arithmetic;
mod bos;
mod circuit_tracer;
mod command_line;
mod command_line_manners;
mod edges;
mod evaluate;
mod experiments;
mod features;
mod formats;
mod grade;
mod graph_files;
mod heads;
mod interventions;
mod kernels;
mod known_fields;
mod known_tensors;
mod ladder;
mod likeness;
mod loading;
mod next;
mod not_finite;
mod operand_plots;
mod parts;
mod refused;
mod steering;
mod studies;
mod tokenizer;
mod tokenizer_fields;
mod transcoders;
mod unconnected;
mod vocabulary;
mod whole_answers;
