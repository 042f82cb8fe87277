using KestrelTlsUpgrade.Conformance;

if (args is not [var results, var folder, ("--write" or "--verify") and var mode])
{
    Console.Error.WriteLine("Usage: RESULTS FOLDER --write|--verify: a folder with test reports (CTRF), and that of Requirements.md.");
    return 2;
}

var report = new ConformanceReport(Requirement.ReadAll(Path.Combine(folder, "Requirements.md")), TestRun.Read(results));
var path = Path.Combine(folder, "Conformance.md");
var markdown = report.ToMarkdown();
var faults = report.FindFaults().ToList();
if (mode is "--write")
{
    File.WriteAllText(path, markdown);
    Console.Write(markdown);
}
else if (!File.Exists(path) || File.ReadAllText(path) != markdown)
{
    faults.Add($"{path} is not what the tests say. build/conformance writes it anew.");
}

faults.ForEach(Console.Error.WriteLine);
Console.Error.WriteLine($"Conformance: {(faults.Count == 0 ? "all rows are accounted for" : $"{faults.Count} faults")}.");
return faults.Count == 0 ? 0 : 1;
