//! The kernels: what each one reads and writes, and the sizes it is told.
//!
//! Each struct here mirrors `Params` of the file in `shaders/` of the same name, field by field.

use bytemuck::Pod;

use super::wgsl::shader;

/// A kernel's source and bindings: its parameters at binding 0, then what it reads, then what it
/// writes.
#[derive(Debug)]
pub struct Shader {
    /// The name of its file in `shaders/`, without `.wgsl`.
    pub name: &'static str,
    /// Its own text in WGSL; see [`Shader::source`].
    text: &'static str,
    /// What it shares with some kernels, which read and write tensors of the same names; or nothing.
    with: &'static str,
    /// How many tensors it reads.
    pub reads: usize,
    /// How many tensors it writes; it may read these as well.
    pub writes: usize,
}

/// What kernels share: functions that each of them may call.
const SHARED: [&str; 3] = [
    shader!("shared/fold"),
    shader!("shared/reduce"),
    shader!("shared/nan"),
];

impl Shader {
    /// WGSL, with what the kernels share put before it.
    pub fn source(&self) -> String {
        [SHARED.concat().as_str(), self.with, self.text].concat()
    }
}

/// The parameters of a kernel, as its uniform has them.
pub trait Kernel: Pod {
    /// Where the kernel is in [`SHADERS`].
    const INDEX: usize;
}

macro_rules! kernels {
    ($(
        $kernel:ident = $file:literal $(with $with:literal)?, reads $reads:literal, writes $writes:literal,
        { $($field:ident: $type:ident),* }
    )*) => {
        #[repr(usize)]
        enum Index { $($kernel),* }

        /// All kernels.
        pub const SHADERS: &[Shader] = &[$(Shader {
            name: $file,
            text: shader!($file),
            with: [$(shader!($with),)? ""][0],
            reads: $reads,
            writes: $writes,
        }),*];

        $(
            #[doc = concat!("Parameters of `", $file, ".wgsl`.")]
            #[derive(Clone, Copy, Debug, bytemuck::Pod, bytemuck::Zeroable)]
            #[repr(C)]
            pub struct $kernel { $(pub $field: $type),* }

            impl Kernel for $kernel {
                const INDEX: usize = Index::$kernel as usize;
            }
        )*

        /// Name, offset and type of each field of each kernel's parameters, and their size.
        #[cfg(test)]
        const LAYOUTS: &[(&[(&str, usize, &str)], usize)] = &[$((
            &[$((
                stringify!($field),
                std::mem::offset_of!($kernel, $field),
                stringify!($type),
            )),*],
            size_of::<$kernel>(),
        )),*];
    };
}

kernels! {
    Fill = "fill", reads 0, writes 1, { length: u32 }
    Add = "add", reads 2, writes 1, { length: u32 }
    AddScaled = "add_scaled", reads 1, writes 1,
        { offset: u32, origin: u32, length: u32, factor: f32 }
    ScaleTokens = "scale_tokens", reads 2, writes 1, { length: u32, tokens: u32, width: u32 }
    Activate = "activate", reads 1, writes 1, { length: u32, kind: u32, slope: u32 }
    JumpRelu = "jump_relu", reads 2, writes 1, { length: u32, features: u32 }
    TopK = "top_k", reads 1, writes 1, { rows: u32, features: u32, k: u32 }
    Active = "active", reads 1, writes 1, { rows: u32, features: u32, most: u32 }
    Norm = "norm", reads 3, writes 2, { rows: u32, width: u32, centred: u32, epsilon: f32 }
    NormFrozen = "norm_frozen", reads 4, writes 1, { rows: u32, width: u32, centred: u32 }
    NormBack = "norm_back", reads 4, writes 1,
        { rows: u32, tokens: u32, width: u32, centred: u32, held: u32 }
    Matmul = "matmul", reads 3, writes 1,
        { rows: u32, inner: u32, columns: u32, transposed: u32, onto: u32, blocks: u32 }
    MatmulFewRows = "matmul_few_rows", reads 3, writes 1,
        { rows: u32, inner: u32, columns: u32, transposed: u32, onto: u32, blocks: u32 }
    AttentionPattern = "attention_pattern", reads 2, writes 1,
        {
            rows: u32, tokens: u32, past: u32, heads: u32, group: u32, width: u32, key_width: u32,
            head_width: u32, factor: f32
        }
    AttentionMix = "attention_mix", reads 3, writes 1,
        {
            length: u32, tokens: u32, past: u32, heads: u32, group: u32, width: u32, key_width: u32,
            head_width: u32, stride: u32
        }
    AttentionUnmix = "attention_unmix", reads 2, writes 1,
        {
            rows: u32, tokens: u32, group: u32, width: u32, key_width: u32, head_width: u32,
            blocks: u32
        }
    HeadProducts = "head_products", reads 2, writes 1,
        {
            length: u32, columns: u32, heads: u32, group: u32, width: u32, key_width: u32,
            head_width: u32
        }
    AttentionSpread = "attention_spread", reads 3, writes 1,
        { first: u32, count: u32, tokens: u32, heads: u32, width: u32, blocks: u32 }
    SoftmaxBack = "softmax_back" with "shared/softmax_back", reads 2, writes 1, { rows: u32, columns: u32 }
    AttentionScoresBack = "attention_scores_back" with "shared/softmax_back", reads 3, writes 1,
        {
            rows: u32, tokens: u32, heads: u32, group: u32, width: u32, key_width: u32,
            head_width: u32
        }
    AttentionBack = "attention_back", reads 4, writes 1,
        {
            length: u32, tokens: u32, heads: u32, group: u32, width: u32, key_width: u32,
            head_width: u32, factor: f32
        }
    Rotate = "rotate", reads 1, writes 1,
        {
            length: u32, tokens: u32, first: u32, stride: u32, heads: u32, head_width: u32, sign: f32
        }
    Decode = "decode", reads 2, writes 1,
        { tokens: u32, features: u32, length: u32, width: u32, layer: u32, blocks: u32, factor: f32 }
    Steer = "steer", reads 5, writes 1,
        { count: u32, tokens: u32, features: u32, length: u32, width: u32, layer: u32 }
    GatherRows = "gather_rows", reads 3, writes 1, { length: u32, width: u32 }
    ScatterRows = "scatter_rows", reads 2, writes 1, { length: u32, width: u32 }
    Edges = "edges", reads 4, writes 1,
        {
            targets: u32, tokens: u32, width: u32, sources: u32, stride: u32, offset: u32,
            columns: u32, blocks: u32
        }
    EdgesBack = "edges_back", reads 3, writes 1,
        { length: u32, tokens: u32, width: u32, columns: u32, first: u32 }
}

// naga, which parses WGSL, comes with wgpu's native backends only.
#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use super::*;
    use wgpu::naga;

    fn parse(shader: &Shader) -> naga::Module {
        naga::front::wgsl::parse_str(&shader.source())
            .unwrap_or_else(|error| panic!("{}.wgsl: {}", shader.name, error.emit_to_string("")))
    }

    /// Every kernel is valid WGSL that needs no extension.
    #[test]
    fn kernels_are_valid() {
        for shader in SHADERS {
            let mut validator = naga::valid::Validator::new(
                naga::valid::ValidationFlags::all(),
                naga::valid::Capabilities::empty(),
            );
            let module = parse(shader);
            if let Err(error) = validator.validate(&module) {
                let text = error.emit_to_string(&shader.source());
                panic!("{}.wgsl: {text}", shader.name);
            }
            assert_eq!(module.entry_points.len(), 1, "{}.wgsl", shader.name);
            assert_eq!(module.entry_points[0].name, "main", "{}.wgsl", shader.name);
        }
    }

    /// Names, offsets, types and the size of the parameters are the same on both sides.
    #[test]
    fn parameters_match() {
        for (shader, (fields, size)) in SHADERS.iter().zip(LAYOUTS) {
            let module = parse(shader);
            let (_, params) = module
                .types
                .iter()
                .find(|(_, kind)| kind.name.as_deref() == Some("Params"))
                .unwrap_or_else(|| panic!("{}.wgsl has no Params", shader.name));
            let naga::TypeInner::Struct { members, span } = &params.inner else {
                panic!("{}.wgsl: Params is no struct", shader.name);
            };
            let members: Vec<(&str, usize, &str)> = members
                .iter()
                .map(|member| {
                    let kind = match module.types[member.ty].inner {
                        naga::TypeInner::Scalar(naga::Scalar::F32) => "f32",
                        naga::TypeInner::Scalar(naga::Scalar::U32) => "u32",
                        _ => "neither f32 nor u32",
                    };
                    let name = member.name.as_deref().unwrap_or_default();
                    (name, member.offset as usize, kind)
                })
                .collect();
            assert_eq!(members, *fields, "{}.wgsl", shader.name);
            assert_eq!(*span as usize, *size, "{}.wgsl", shader.name);
            assert!(
                *size <= super::super::recorder::PARAMS_SIZE,
                "{}.wgsl",
                shader.name
            );
        }
    }

    /// Parameters, reads and writes are bound in this order, with the access that was declared.
    #[test]
    fn bindings_match() {
        for shader in SHADERS {
            let module = parse(shader);
            let mut found: Vec<(u32, &str)> = module
                .global_variables
                .iter()
                .filter_map(|(_, variable)| {
                    let binding = variable.binding.as_ref()?;
                    assert_eq!(binding.group, 0);
                    let access = match variable.space {
                        naga::AddressSpace::Uniform => "parameters",
                        naga::AddressSpace::Storage { access }
                            if access.contains(naga::StorageAccess::STORE) =>
                        {
                            "write"
                        }
                        naga::AddressSpace::Storage { .. } => "read",
                        _ => "neither",
                    };
                    Some((binding.binding, access))
                })
                .collect();
            found.sort();
            let wanted = std::iter::once("parameters")
                .chain(std::iter::repeat_n("read", shader.reads))
                .chain(std::iter::repeat_n("write", shader.writes));
            let wanted: Vec<(u32, &str)> = (0..).zip(wanted).collect();
            assert_eq!(found, wanted, "{}.wgsl", shader.name);
        }
    }

    /// What is left out of the texts that are downloaded is told apart by two slashes.
    #[test]
    fn comments_are_of_one_kind() {
        for shader in SHADERS {
            assert!(!shader.source().contains("/*"), "{}.wgsl", shader.name);
        }
    }

    /// Every file in `shaders/` is a kernel here.
    #[test]
    fn no_shader_is_left_out() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/shaders");
        for file in std::fs::read_dir(folder).unwrap() {
            let name = file.unwrap().file_name().into_string().unwrap();
            if let Some(name) = name.strip_suffix(".wgsl") {
                assert!(
                    SHADERS.iter().any(|shader| shader.name == name),
                    "{name}.wgsl"
                );
            }
        }
    }
}
