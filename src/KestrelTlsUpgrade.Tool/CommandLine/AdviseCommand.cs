using System.CommandLine;
using KestrelTlsUpgrade.Tool.Advising;
using KestrelTlsUpgrade.Tool.Requests;

namespace KestrelTlsUpgrade.Tool.CommandLine;

/// <summary><c>tls-upgrade advise</c>.</summary>
internal static class AdviseCommand
{
    private static readonly RequestField AcceptJson = new("Accept", "application/json");

    public static Command Create(ToolConsole console)
    {
        var url = CommonOptions.Url("The URL of the server's report (MapTlsUpgradeReport); http:// is upgraded, https:// needs no upgrade.");
        var step = new Option<StepName?>("--step")
        {
            Description = "Look at this step instead of the next one, such as Requirement=Enforce.",
            HelpName = "setting=value",
            CustomParser = static result =>
            {
                if (StepName.Parse(result.Tokens[^1].Value) is { } name)
                {
                    return name;
                }

                result.AddError($"'{result.Tokens[^1].Value}' is no step: a setting and its value, such as Requirement=Enforce");
                return null;
            },
        };
        var json = new Option<bool>("--json") { Description = "Write the report's advice as JSON, for scripts." };
        var exchange = new ExchangeOptions(isUpgradeOptional: true);

        var command = new Command("advise", "Tells from a server's report whom the next step towards TLS would meet, before it is taken.") { url };
        exchange.AddTo(command, [step, json]);
        command.SetAction(async (result, cancellationToken) =>
        {
            var settings = exchange.Read(result, result.GetValue(url)!, HttpMethod.Get);
            settings = settings with { Fields = [.. settings.Fields.Where(static field => !IsAccept(field)), AcceptJson] };
            Advice? advice = null;
            await new RequestRunner(settings, console, TimeProvider.System)
                .RunAsync(async (response, either) => advice = await AdviceReader.ReadAsync(response, either), cancellationToken);
            var wanted = result.GetValue(step);
            var isHarmless = advice!.Find(wanted) is not { MeetsNobody: false };
            if (result.GetValue(json))
            {
                await console.Out.WriteLineAsync(advice.Json);
            }
            else
            {
                new AdviceWriter(ToolConsole.CreateAnsi(console.Out)).Write(settings.Url, advice, wanted);
            }

            return isHarmless ? ExitCode.Ok : ExitCode.Findings;
        });
        return command;
    }

    private static bool IsAccept(RequestField field) => field.Name.Equals(AcceptJson.Name, StringComparison.OrdinalIgnoreCase);
}
