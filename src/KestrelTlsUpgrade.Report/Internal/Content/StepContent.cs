namespace KestrelTlsUpgrade.Report.Internal.Content;

internal sealed record StepContent(DateTimeOffset From, RequestsContent Requests, ConnectionsContent Connections);
