// Makes gradients by what a softmax gave, pattern[at ..], those by what went into it, for `count` columns of a row of `out` that begins at
// `row`: out[c] = pattern[c] (out[c] - the sum over d of pattern[d] out[d]). All threads of a workgroup must call, and each has written the
// columns that it takes up here: every 64th from its own on.
fn softmax_row_back(row: u32, at: u32, count: u32, thread: u32) {
    var sum = 0.0;
    for (var column = thread; column < count; column += 64u) {
        sum += pattern[at + column] * out[row + column];
    }
    let mean = workgroup_sum(sum, thread);
    for (var column = thread; column < count; column += 64u) {
        out[row + column] = pattern[at + column] * (out[row + column] - mean);
    }
}
