using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using KestrelTlsUpgrade.Fuzzing.Input;
using SharpFuzz.Common;

namespace KestrelTlsUpgrade.Fuzzing;

/// <summary>
/// libFuzzer within this process, so that an execution costs a call: Native/driver.c hands over its counters, which SharpFuzz's
/// instrumentation increments.
/// </summary>
internal static unsafe partial class LibFuzzer
{
    private const string Driver = "fuzzdriver";

    private static Action<FuzzInput>? _target;

    public static int Run(Action<FuzzInput> target, string[] arguments)
    {
        _target = target;
        Trace.SharedMem = GetCounters();

        // What static constructors do is to be no input's coverage.
        target(new FuzzInput([]));
        fixed (byte* image = System.Text.Encoding.UTF8.GetBytes(string.Join('\0', arguments) + '\0'))
        {
            var pointers = stackalloc byte*[arguments.Length + 1];
            var next = image;
            for (var i = 0; i < arguments.Length; i++)
            {
                pointers[i] = next;
                next += System.Text.Encoding.UTF8.GetByteCount(arguments[i]) + 1;
            }

            pointers[arguments.Length] = null;
            return Run(arguments.Length, pointers, &RunOne);
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int RunOne(byte* data, nuint size)
    {
        try
        {
            Trace.PrevLocation = 0;
            _target!(new FuzzInput(new ReadOnlySpan<byte>(data, (int)size)));
            return 0;
        }
        catch (Exception exception)
        {
            Console.Error.WriteLine(exception);
            return 1;
        }
    }

    [LibraryImport(Driver, EntryPoint = "fuzz_counters")]
    private static partial byte* GetCounters();

    [LibraryImport(Driver, EntryPoint = "fuzz_run")]
    private static partial int Run(int count, byte** arguments, delegate* unmanaged[Cdecl]<byte*, nuint, int> run);
}
