//! Matrix products.

use super::tensor::Tensor;
use super::{Gpu, kernels, narrow, size};
use crate::engine::Product;

/// Rows up to which a product takes the kernel for few.
const FEW_ROWS: usize = 32;

/// See [`crate::engine::Engine::matmul`].
pub fn matmul(
    gpu: &Gpu,
    a: &Tensor,
    b: &Tensor,
    bias: Option<&Tensor>,
    product: Product,
) -> Tensor {
    let out = gpu.result::<kernels::Matmul>(size(&[product.rows, product.columns]));
    product_of(gpu, &out, a, b, bias, false, product);
    out
}

/// See [`crate::engine::Engine::matmul_add`].
pub fn matmul_add(gpu: &Gpu, out: &mut Tensor, a: &Tensor, b: &Tensor, product: Product) {
    product_of(gpu, out, a, b, None, true, product);
}

/// `out = a b + bias`, or `out += a b`.
fn product_of(
    gpu: &Gpu,
    out: &Tensor,
    a: &Tensor,
    b: &Tensor,
    bias: Option<&Tensor>,
    add: bool,
    product: Product,
) {
    let Product {
        rows,
        inner,
        columns,
        transposed,
    } = product;
    let reads = [
        a.first(size(&[rows, inner])),
        b.first(size(&[inner, columns])),
        match bias {
            Some(bias) => bias.first(columns as u64),
            // The binding must hold something.
            None => a.first(0),
        },
    ];
    let writes = [out.first(size(&[rows, columns]))];
    let work = size(&[rows, inner, columns]);
    let onto = if add { 2 } else { u32::from(bias.is_some()) };
    let (rows_each, columns_each) = if rows <= FEW_ROWS { (8, 32) } else { (64, 64) };
    let blocks = columns.div_ceil(columns_each);
    let workgroups = size(&[rows.div_ceil(rows_each), blocks]);
    if rows <= FEW_ROWS {
        let params = kernels::MatmulFewRows {
            rows: narrow(rows),
            inner: narrow(inner),
            columns: narrow(columns),
            transposed: u32::from(transposed),
            onto,
            blocks: narrow(blocks),
        };
        gpu.run(params, &reads, &writes, workgroups, work);
    } else {
        let params = kernels::Matmul {
            rows: narrow(rows),
            inner: narrow(inner),
            columns: narrow(columns),
            transposed: u32::from(transposed),
            onto,
            blocks: narrow(blocks),
        };
        gpu.run(params, &reads, &writes, workgroups, work);
    }
}
