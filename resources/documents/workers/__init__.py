"""Files are converted in processes of their own: one has limits of memory and time, can be killed, and takes nothing else along when it dies."""
