//! Calls of scalar functions, for operations without a kernel.

use std::sync::Arc;

use cranelift_codegen::ir::{AbiParam, InstBuilder, SigRef, Signature, Value, types};
use cranelift_codegen::isa::CallConv;
use cranelift_frontend::FunctionBuilder;

use super::operation::Called;

/// The calls of a function under construction.
pub(super) struct ScalarCalls {
    signature: SigRef,
    /// The functions called so far: the code holds their addresses, so that they live as long as it does.
    pub(super) called: Vec<Arc<Called>>,
}

impl ScalarCalls {
    /// Declares the calls in a function.
    pub(super) fn new(builder: &mut FunctionBuilder<'_>, convention: CallConv) -> Self {
        let mut signature = Signature::new(convention);
        signature.params.push(AbiParam::new(types::I64));
        signature.params.extend([AbiParam::new(types::F64); 2]);
        signature.returns.push(AbiParam::new(types::F64));
        ScalarCalls { signature: builder.import_signature(signature), called: Vec::new() }
    }

    /// A call with one number or two.
    pub(super) fn call(&mut self, builder: &mut FunctionBuilder<'_>, function: Called, x: &[Value]) -> Value {
        let place = Arc::new(function);
        let callee = builder.ins().iconst(types::I64, at as *const () as i64);
        let address = builder.ins().iconst(types::I64, std::ptr::from_ref(&*place) as i64);
        self.called.push(place);
        let arguments = [address, x[0], x[x.len() - 1]];
        let call = builder.ins().call_indirect(self.signature, callee, &arguments);
        builder.inst_results(call)[0]
    }
}

extern "C" fn at(function: &Called, x: f64, y: f64) -> f64 {
    function.at(x, y)
}
