"""What the kernel claims to Jupyter's own tests of kernels (jupyter_kernel_test)."""

import jupyter_kernel_test


class MixlensKernelTests(jupyter_kernel_test.KernelTests):
    kernel_name = "mixlens"
    language_name = "typescript"
    file_extension = ".ts"
    code_hello_world = 'console.log("hello, world");'
    code_stderr = 'console.error("test");'
    completion_samples = [
        {"text": "JSON.pars", "matches": {"parse"}},
        {"text": "process.stdo", "matches": {"stdout"}},
    ]
    complete_code_samples = ["1", "const f = () => 1;", "function g() {\n  return 1;\n}"]
    incomplete_code_samples = ["function g() {", "const a = [1,", "if (true) {\n  1;"]
    invalid_code_samples = ["const = 3", ")("]
    supported_history_operations = ("tail", "range", "search")
    code_history_pattern = "1?2*"
    code_clear_output = "console.clear();"
    code_generate_error = 'throw new Error("wrong");'
    code_execute_result = [
        {"code": "1+2+3", "result": "6"},
        {"code": "[1, 2, 3].map((n) => n * n)", "result": "[ 1, 4, 9 ]"},
        {"code": "await (6)", "result": "6"},
    ]
    code_display_data = [
        {"code": 'import { display } from "tslab"; display.html("<b>x</b>");', "mime": "text/html"},
        {
            "code": 'import { spectrumPlot } from "mixlens"; import { show } from "mixlens/notebook"; await show(spectrumPlot([0.5]));',
            "mime": "text/html",
        },
    ]
    code_inspect_sample = "parseInt"

    def test_display_data(self):
        super().test_display_data()
        # The picture of a figure follows when it is drawn: what is tried next is not to find it.
        while self.kc.get_iopub_msg(timeout=60)["msg_type"] != "update_display_data":
            pass

