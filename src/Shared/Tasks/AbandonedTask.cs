namespace KestrelTlsUpgrade.Internal.Tasks;

/// <summary>Tasks that may fail when nobody waits for them any more.</summary>
internal static class AbandonedTask
{
    /// <summary>Observes the failure of a task, if it fails, so that it does not end the application.</summary>
    public static void ObserveFailure(this Task task) => _ = task.ContinueWith(
        static ended => ended.Exception, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
}
