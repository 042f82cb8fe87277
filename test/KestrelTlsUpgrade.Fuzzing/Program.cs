using KestrelTlsUpgrade.Fuzzing;

// With --target=NAME and what libFuzzer takes. Without instrumented assemblies there is nothing to guide it: see build/fuzz.
if (args is ["--list"])
{
    Console.WriteLine(string.Join('\n', FuzzTargets.All.Keys));
    return 0;
}

if (args is not [['-', '-', 't', 'a', 'r', 'g', 'e', 't', '=', .. var name], ..] || !FuzzTargets.All.TryGetValue(name, out var target))
{
    Console.Error.WriteLine("Use --list, or --target=NAME and what libFuzzer takes.");
    return 2;
}

return LibFuzzer.Run(target, [Environment.ProcessPath!, .. args]);
