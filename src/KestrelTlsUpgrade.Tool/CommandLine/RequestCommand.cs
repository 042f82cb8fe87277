using System.CommandLine;
using KestrelTlsUpgrade.Tool.Requests;

namespace KestrelTlsUpgrade.Tool.CommandLine;

/// <summary><c>tls-upgrade get</c>, <c>head</c> and <c>options</c>.</summary>
internal static class RequestCommand
{
    public static Command Create(string name, string description, HttpMethod method, ToolConsole console)
    {
        var url = CommonOptions.Url("The URL to ask for; http:// is upgraded, https:// needs no upgrade.");
        var data = new Option<string[]>("--data", "-d")
        {
            Description = "Content of the request; @file is that file byte for byte, @- standard input. Several are joined by &.",
            HelpName = "data",
        };
        var request = new Option<string?>("--request", "-X") { Description = "Another method, in place of GET or POST.", HelpName = "method" };
        var asterisk = new Option<bool>("--asterisk") { Description = "Ask for the options of the server: OPTIONS *." };
        var output = new Option<string?>("--output", "-o") { Description = "Write the content to this file.", HelpName = "file" };
        var include = new Option<bool>("--include", "-i") { Description = "Write the head of the response too." };
        var fail = new Option<bool>("--fail", "-f") { Description = $"End with {ExitCode.HttpError} and no content for a status of 400 or more." };
        var exchange = new ExchangeOptions();

        var command = new Command(name, description) { url };
        exchange.AddTo(
            command,
            [
                .. method == HttpMethod.Head ? (Option[])[] : [data],
                .. method == HttpMethod.Get ? (Option[])[request] : [],
                .. method == HttpMethod.Options ? (Option[])[asterisk] : [],
                output, include, fail,
            ]);
        command.SetAction(async (result, cancellationToken) =>
        {
            string[] contents = method == HttpMethod.Head ? [] : result.GetValue(data) ?? [];
            var settings = exchange.Read(
                result,
                result.GetValue(url)!,
                method == HttpMethod.Get ? RequestMethod.Of(result.GetValue(request), contents.Length > 0) : method) with
            {
                IsServerWide = method == HttpMethod.Options && result.GetValue(asterisk),
                Contents = contents,
                OutputFile = result.GetValue(output),
                IncludesHead = method != HttpMethod.Get || result.GetValue(include),
                FailsOnStatus = result.GetValue(fail),
            };
            var writer = new ResponseWriter(settings, console);
            await new RequestRunner(settings, console, TimeProvider.System).RunAsync(writer.WriteAsync, cancellationToken);
            return ExitCode.Ok;
        });
        return command;
    }
}
