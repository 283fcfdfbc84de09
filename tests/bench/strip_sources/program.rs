// A Rust program whose output depends on unwinding, threads and formatting.
use std::{collections::BTreeMap, panic, thread};

fn lengths(words: &[&str]) -> BTreeMap<String, usize> {
    words.iter().map(|word| (word.to_string(), word.len())).collect()
}

fn main() {
    panic::set_hook(Box::new(|_| {}));
    let caught = panic::catch_unwind(|| lengths(&["a", "bb"])["missing"]).is_err();
    let sum: usize = thread::spawn(|| lengths(&["a", "bb", "ccc"]).values().sum()).join().unwrap();
    println!("{caught} {sum} {:?}", lengths(&["x"]));
}
