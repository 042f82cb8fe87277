namespace KestrelTlsUpgrade.Client.Internal;

/// <summary>The upgrade took longer than the handler's <c>ConnectTimeout</c>. Callers get what the platform throws in that case.</summary>
internal sealed class ConnectTimeoutException(OperationCanceledException exception)
    : UpgradeException(HttpRequestError.ConnectionError, exception.Message, exception)
{
    public override Exception ToCallerException() => exception;
}
