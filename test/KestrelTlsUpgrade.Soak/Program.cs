using KestrelTlsUpgrade.Soak;
using KestrelTlsUpgrade.Soak.Report;
using KestrelTlsUpgrade.Soak.Server;

if (args is ["serve", .. var server])
{
    return await SoakServer.RunAsync(ServerArguments.Parse(server));
}

if (SoakSettings.TryParse(args) is not { } settings)
{
    Console.Error.WriteLine("MINUTES [--idle N] [--workers N] [--json FILE]   prints Markdown; Linux");
    return 2;
}

var report = await new SoakRun(settings).RunAsync();
SoakMarkdown.Write(report, Console.Out);
if (settings.JsonPath is { } path)
{
    await File.WriteAllTextAsync(path, report.ToJson());
}

return report.Problems.Count == 0 ? 0 : 1;
