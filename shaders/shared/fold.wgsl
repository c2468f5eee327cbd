// A dimension of a grid holds at most 65535 workgroups, so long grids are folded into two.
const FOLD = 65535u;

fn unfold(group: vec3<u32>) -> u32 {
    return group.y * FOLD + group.x;
}
