// Reductions over the 64 threads of a workgroup; all of them must call, and all get the result.
var<workgroup> reduced: array<f32, 64>;

fn workgroup_sum(value: f32, thread: u32) -> f32 {
    reduced[thread] = value;
    workgroupBarrier();
    for (var half = 32u; half > 0u; half = half / 2u) {
        if (thread < half) {
            reduced[thread] += reduced[thread + half];
        }
        workgroupBarrier();
    }
    let result = reduced[0];
    // The next reduction may write only once everyone has read.
    workgroupBarrier();
    return result;
}

fn workgroup_max(value: f32, thread: u32) -> f32 {
    reduced[thread] = value;
    workgroupBarrier();
    for (var half = 32u; half > 0u; half = half / 2u) {
        if (thread < half) {
            reduced[thread] = max(reduced[thread], reduced[thread + half]);
        }
        workgroupBarrier();
    }
    let result = reduced[0];
    workgroupBarrier();
    return result;
}
